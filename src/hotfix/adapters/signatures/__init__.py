"""SSH signatures, made and checked by OpenSSH itself."""
