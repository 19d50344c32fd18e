"""What a procedure says, as data: steps, roles, clocks, forms, compensation, and who may see what."""
