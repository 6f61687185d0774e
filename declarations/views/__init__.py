"""HTTP: parse the input, call one function, show the result."""
