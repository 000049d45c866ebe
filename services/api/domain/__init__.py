"""What the service decides, without asking anybody: no network, no clock, no storage."""
