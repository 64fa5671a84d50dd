"""From a file to instructions: readers and mapping, pure and streaming. Nothing here knows the database."""
