"""The reference product (« logiciel témoin »): a small GP practice software, right by default, faulty on request.

It runs as a process of its own behind the HTTP contract, with its own store. It writes its documents with
its own code: nothing here comes from the rules or from the generators that judge products.
"""
