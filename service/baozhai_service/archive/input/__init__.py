"""Read the files of an archive, whatever their format."""
