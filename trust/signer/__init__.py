"""The registry's private keys in a process of their own, which signs only what each is for."""
