"""The Sizes view: where an APK's bytes go, and what would change them."""
