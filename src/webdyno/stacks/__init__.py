"""What is measured: the catalogue of apps and servers, their environments, the launcher."""
