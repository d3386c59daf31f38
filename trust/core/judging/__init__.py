"""What `judge` weighs beside the bundle: the key history behind a signer, and the status."""
