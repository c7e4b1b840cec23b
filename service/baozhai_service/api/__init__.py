"""What a request asks for and what it is answered with, the same over HTTP and on the command line."""
