"""What implements the ports: each adapter turns its SDK's errors into the service's own."""
