"""Who is who: patients (INS), professionals, structures, and the form of OIDs. Knows nothing of transports."""
