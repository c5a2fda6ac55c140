"""What Headway is, without HTTP, SQL, a scheduler, a process or a clock.

``model`` holds frozen values and pure functions, ``policy`` pure tables of who may do what and how long things are kept,
``ports`` the protocols that the core needs from outside, ``operations`` what people can ask for,
``passes`` what happens by itself.
"""
