"""What people do one after the other: links, transitions and what repeats in them."""
