"""Facts only: areas, groups, standard populations, indicator catalogue. Sources and years stand in README.md here."""
