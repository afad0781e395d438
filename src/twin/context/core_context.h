// The NGSI-LD core context, built in: what each of its terms stands for (ETSI GS CIM 009, annex B, v1.8 with what v1.9
// adds). Inside of context.
#pragma once

#include <string_view>

namespace cityloop::twin::core_context {

// "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld", in any version.
bool is_url(std::string_view);

struct Iri {
  std::string_view prefix, rest;  // "https://uri.etsi.org/ngsi-ld/", "hasValue"
};

// Whether it is a term of the core, or one of its prefixes.
bool is_term(std::string_view);
// The IRI of a term, in two parts; empty when it is none.
Iri iri_of(std::string_view term);
// The term of an IRI; empty when there is none.
std::string_view term_of(std::string_view iri);
// The IRI of a prefix; empty when it is none.
std::string_view prefix(std::string_view);
// The prefix that an IRI begins with; empty when there is none.
std::string_view prefix_of(std::string_view iri);

}  // namespace cityloop::twin::core_context
