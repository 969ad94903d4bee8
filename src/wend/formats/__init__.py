"""Thin faces of the libraries that read and write file formats. Nothing else imports those libraries."""
