"""The commands of the command line, one file a subject; each is imported when it is used."""
