"""How fast the service is, against others that do the same: `make bench`."""
