"""What a tenant is, service by service: a module for each, with its `TENANCY`."""
