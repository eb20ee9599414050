"""How does one running server take a load?"""
