"""What differs between operating systems, behind one interface each."""
