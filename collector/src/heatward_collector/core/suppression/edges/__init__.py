"""When heat comes in autumn and goes in spring: late starts and early stops."""
