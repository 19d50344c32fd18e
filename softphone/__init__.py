"""The bridge beside a softphone or telephone exchange: it hears what happens there and posts it to a Redress service.

It runs where the telephones are, on a machine of its own, and needs nothing of the service but its address: what it
hears goes into a spool on that machine first (spool.py), and from there to `POST /v1/calls/events` (posting.py), in
order, each once for ever however often either side is killed. What a system says is read in a module of its own:
baresip.py, asterisk.py, freeswitch.py, webhooks.py.
"""
