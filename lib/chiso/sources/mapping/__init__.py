"""How a system's files become rows of a table: mapping files, where they are found, and proposals for new ones."""
