"""What a registry publishes: its trust file, its status, and the dossiers that it builds."""
