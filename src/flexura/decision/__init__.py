"""From a prediction to an answer: plain arithmetic and tables, numpy only, no torch.

`decide` is the way in; it knows the order of the parts. `document` turns its answer into JSON.
"""
