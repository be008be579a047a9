"""IMAP4rev1 (RFC 3501) with IDLE, UIDPLUS, MOVE, SPECIAL-USE, QUOTA; every answer can be made to go wrong."""
