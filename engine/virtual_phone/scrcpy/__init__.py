"""scrcpy's server as this phone runs it: video out, touches in."""
