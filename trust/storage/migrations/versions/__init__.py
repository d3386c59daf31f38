"""The steps. A step that is out stands for ever: databases of its version are."""
