"""The demo: districts with their departments, people and declarations in every state.

``panyu-target.json`` holds the declaration that 广州市番禺区残疾人联合会 published for
2023, ``caidian-target.json`` the one that 武汉市蔡甸区残疾人联合会 was filling in for that
year, gaps and slips included; ``liwan-self-evaluation.json`` and ``huadu-self-evaluation.json``
the self-evaluations that 广州市荔湾区残疾人联合会 and 广州市花都区残疾人联合会 published for 2021,
the latter with its slips; ``liwan-report.json`` the report of the former for 2024; with their
figures and in our own sentences. ``panyu-self-evaluation.json``, how Panyu's target was met, and
what the other departments declare is made up. Amounts are written in the form's unit, as a person
types them.
"""
