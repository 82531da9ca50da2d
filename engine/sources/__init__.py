"""Where trained models come from: the official places, files, and offline packs."""
