"""Personal data at the door: recognised, dropped, masked or replaced by pseudonyms."""
