"""The records behind `/items` and `/articulos`: the same in every process, and never changed by a request."""

ITEMS = 1000
"""Items 1 to this one exist."""

# Each holds more than may be told; the services drop it through their response model.
ARTICULOS = [
    {"nombre": f"articulo {i}", "precio": i * 1.25, "en_stock": i % 3 != 0, "coste": i * 0.75, "almacen": f"A{i % 7}"}
    for i in range(1, 101)
]


def received(articulo):
    """The record made of a validated article; it is answered, not kept."""
    return {**articulo, "coste": articulo["precio"] * 0.6, "almacen": "A0"}


def received_lote(lote):
    """The record made of a validated lot."""
    return {**lote, "articulos": [received(articulo) for articulo in lote["articulos"]], "muelle": 4}


def item(item_id):
    """An item, or None."""
    return {"item_id": item_id, "nombre": f"item {item_id}"} if 1 <= item_id <= ITEMS else None


def items(q, skip, limit):
    """A page of the items whose name holds `q`."""
    names = ((i, f"item {i}") for i in range(1, ITEMS + 1))
    found = [{"item_id": i, "nombre": name} for i, name in names if not q or q in name]
    return {"q": q, "skip": skip, "limit": limit, "total": len(found), "items": found[skip : skip + limit]}
