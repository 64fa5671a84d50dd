"""Ready-made people, projects and work for the tests, through the services wherever there is one."""
