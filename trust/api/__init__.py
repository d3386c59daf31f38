"""The registry over HTTP: app, problems, schemas, one router per noun."""
