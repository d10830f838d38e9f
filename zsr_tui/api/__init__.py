"""What the two sides of the socket say to each other: requests, events, and how they are written as JSON."""
