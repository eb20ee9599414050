"""The words of webdyno as frozen, typed values; touches nothing outside."""
