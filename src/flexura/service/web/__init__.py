"""The clinic's pages: server-rendered, without another host and without inline script.

`pages.PAGES` is the one table of them, as `routes.ROUTES` is of the interface; `texts` holds every word.
"""
