"""The secure mail (MSSanté) of the reference product: connection, reading, filing, sending, receipts.

``courier`` speaks with the operator, ``reading`` opens messages, ``vigilance`` tells whose documents they carry,
``desk`` files them, ``writing`` makes messages, ``outbox`` keeps them until they are gone, ``receipts`` follows them.
"""
