"""The demo: one district with its departments, people and declarations in every state.

``panyu-target.json`` holds the declaration that 广州市番禺区残疾人联合会 published for
2023, with its figures and in our own sentences. What the other departments declare is
made up. Amounts are written in 万元, as a person types them.
"""
