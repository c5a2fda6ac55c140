"""What ``headway demo`` plays: real work, through the same ways in that users take."""
