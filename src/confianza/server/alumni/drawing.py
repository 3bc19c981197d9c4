"""The relationship graph of a partner as a picture whose people lead to their pages."""

from django.urls import reverse

from confianza.cooperation.bilingual import BilingualText
from confianza.reports.relationships import DrawnPerson, drawn_part, graph_svg
from confianza.server.alumni.selectors import Relations
from confianza.server.institutions.selectors import hosts_of

TITLE = BilingualText("Who studied with whom", "Quién estudió con quién")
DESCRIPTION = BilingualText("{name}, {party}: tied to {count}", "{name}, {party}: vínculos con {count}")


def relations_svg(found: Relations, language: str, *, zoom: float = 1, marked: str = "") -> str:
    """The picture; of a large graph only the people with the most ties (`drawn_part`)."""
    graph = drawn_part(found.graph)
    hosts = hosts_of(found.partner)
    people = {
        person: DrawnPerson(
            name=found.students[person].name,
            description=DESCRIPTION.format(
                name=found.students[person].name, party=data["party"], count=found.graph.degree[person]
            ).in_language(language),
            address=reverse("alumnus", args=[person]),
            is_host=data["party"] in hosts,
            is_marked=person == marked,
        )
        for person, data in graph.nodes(data=True)
    }
    return graph_svg(graph, people, TITLE.in_language(language), zoom=zoom)
