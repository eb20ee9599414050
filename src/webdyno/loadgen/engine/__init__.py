"""The engine: one process that sends requests and times the answers.

One thread, one epoll loop, non-blocking sockets; no event-loop library, because sending, receiving and waiting are all
that there is to do, and because the moment of each of them is what is measured.

`__main__` takes jobs from standard input; `run` turns the loop, `closed` and `open` decide what is sent when,
`connection` sends and reads, `answer` parses, `recorder` counts and times.
"""
