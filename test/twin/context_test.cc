// What names mean in a context, and that they come back as they went in.
#include "twin/context/context.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "twin/context/core_context.h"
#include "twin/context/reader.h"

namespace cityloop::twin {
namespace {

using flow::Name;

ContextPtr context(std::string_view json) {
  const ContextSource nowhere = [](const std::string& url) -> base::Result<std::shared_ptr<const std::string>> {
    return base::fail(base::Errc::unavailable, "no {}", url);
  };
  auto read = read_context(json, nowhere);
  EXPECT_TRUE(read) << json << ": " << read.error().message;
  return read ? *read : Context::core();
}

std::string shown(const Context& context, std::string_view canonical) {
  std::string scratch;
  return std::string(context.compact(Name(canonical), scratch));
}

TEST(Context, TheCoreLeavesShortNamesAloneAndShortensFullOnes) {
  const Context& core = *Context::core();
  EXPECT_TRUE(core.is_core());
  EXPECT_EQ(core.expand("speed").text(), "speed");
  EXPECT_EQ(core.expand("https://uri.etsi.org/ngsi-ld/default-context/speed").text(), "speed");
  EXPECT_EQ(core.expand("https://uri.etsi.org/ngsi-ld/location").text(), "location");
  EXPECT_EQ(core.expand("ngsi-ld:observationSpace").text(), "observationSpace");
  EXPECT_EQ(core.expand("ngsi-ld:hasValue").text(), "value");
  EXPECT_EQ(core.expand("ngsi-ld:default-context/speed").text(), "speed");
  EXPECT_EQ(core.expand("https://purl.org/geojson/vocab#Point").text(), "Point");
  EXPECT_EQ(core.expand("http://purl.org/dc/terms/title").text(), "title");
  EXPECT_EQ(core.expand("https://example.org/speed").text(), "https://example.org/speed");
  EXPECT_EQ(core.expand("").text(), "");
  EXPECT_EQ(shown(core, "speed"), "speed");
  EXPECT_EQ(shown(core, "location"), "location");
  EXPECT_EQ(shown(core, "https://example.org/speed"), "https://example.org/speed");
  EXPECT_EQ(shown(core, "https://uri.etsi.org/ngsi-ld/unheard"), "ngsi-ld:unheard");
}

TEST(Context, TheDefaultVocabularysLocationIsNotTheCores) {
  const Context& core = *Context::core();
  const std::string full = "https://uri.etsi.org/ngsi-ld/default-context/location";
  EXPECT_EQ(core.expand(full).text(), full);
  EXPECT_EQ(core.expand(shown(core, full)).text(), full);
  EXPECT_EQ(Context::iri_of("location"), "https://uri.etsi.org/ngsi-ld/location");
  EXPECT_EQ(Context::iri_of("speed"), "https://uri.etsi.org/ngsi-ld/default-context/speed");
  EXPECT_EQ(Context::iri_of("value"), "https://uri.etsi.org/ngsi-ld/hasValue");
  EXPECT_EQ(Context::iri_of("https://example.org/x"), "https://example.org/x");
}

TEST(Context, TermsPrefixesAndTheirWayBack) {
  const auto mine = context(R"({"sdm": "https://smart.example/", "Vehicle": "sdm:Vehicle",
    "speed": {"@id": "https://smart.example/speed", "@type": "http://www.w3.org/2001/XMLSchema#double"},
    "tempo": "https://uri.etsi.org/ngsi-ld/default-context/pace"})");
  EXPECT_FALSE(mine->is_core());
  EXPECT_EQ(mine->expand("Vehicle").text(), "https://smart.example/Vehicle");
  EXPECT_EQ(mine->expand("sdm:Bus").text(), "https://smart.example/Bus");
  EXPECT_EQ(mine->expand("speed").text(), "https://smart.example/speed");
  EXPECT_EQ(mine->expand("tempo").text(), "pace");
  EXPECT_EQ(mine->expand("colour").text(), "colour");
  EXPECT_EQ(mine->expand("urn:other:thing").text(), "urn:other:thing");
  EXPECT_EQ(shown(*mine, "https://smart.example/Vehicle"), "Vehicle");
  EXPECT_EQ(shown(*mine, "https://smart.example/Bus"), "sdm:Bus");
  EXPECT_EQ(shown(*mine, "pace"), "tempo");
  EXPECT_EQ(shown(*mine, "colour"), "colour");
  EXPECT_EQ(shown(*mine, "urn:other:thing"), "urn:other:thing");
}

TEST(Context, AShortWordThatTheCallerUsesForAnotherThingIsNotShown) {
  const auto mine = context(R"({"speed": "https://smart.example/speed"})");
  EXPECT_EQ(shown(*mine, "speed"), "ngsi-ld:default-context/speed");
  EXPECT_EQ(mine->expand(shown(*mine, "speed")).text(), "speed");
  // The same text in two contexts is two names.
  EXPECT_EQ(mine->expand("speed").text(), "https://smart.example/speed");
  EXPECT_EQ(Context::core()->expand("speed").text(), "speed");
}

TEST(Context, AVocabularyOfTheCallersOwn) {
  const auto mine = context(R"({"@vocab": "https://smart.example/#", "Odd": "https://odd.example/Odd"})");
  EXPECT_EQ(mine->expand("speed").text(), "https://smart.example/#speed");
  EXPECT_EQ(mine->expand("location").text(), "location");
  EXPECT_EQ(shown(*mine, "https://smart.example/#speed"), "speed");
  EXPECT_EQ(shown(*mine, "https://smart.example/#Odd"), "https://smart.example/#Odd");
  EXPECT_EQ(shown(*mine, "speed"), "ngsi-ld:default-context/speed");
}

TEST(Context, CoreTermsCannotBeDefinedAnew) {
  const auto mine = context(R"({"location": "https://smart.example/place", "observedAt": "https://smart.example/at",
    "ngsi-ld": "https://elsewhere.example/", "status": null})");
  EXPECT_TRUE(mine->is_core());
  EXPECT_EQ(mine->expand("location").text(), "location");
  EXPECT_EQ(mine->expand("ngsi-ld:location").text(), "location");
  EXPECT_EQ(shown(*mine, "https://smart.example/place"), "https://smart.example/place");
}

TEST(Context, OfSeveralTermsTheShortestIsShownThenTheFirst) {
  const auto mine = context(R"({"velocity": "https://s.example/v", "vel": "https://s.example/v",
    "abc": "https://s.example/v", "long": "https://s.example/", "s": "https://s.example/", "sv": "https://s.example/v/"})");
  EXPECT_EQ(shown(*mine, "https://s.example/v"), "abc");
  EXPECT_EQ(shown(*mine, "https://s.example/x"), "s:x");
  EXPECT_EQ(shown(*mine, "https://s.example/v/1"), "sv:1");
}

TEST(Context, ACompactIriThatIsATermOfItsOwnIsNotShownForAnotherThing) {
  const auto mine = context(R"({"s": "https://s.example/", "s:x": "https://other.example/x"})");
  EXPECT_EQ(mine->expand("s:x").text(), "https://other.example/x");
  EXPECT_EQ(shown(*mine, "https://s.example/x"), "https://s.example/x");
  EXPECT_EQ(shown(*mine, "https://other.example/x"), "s:x");
}

TEST(Context, AQuestionLeavesNoTrace) {
  const auto mine = context(R"({"s": "https://trace.example/"})");
  EXPECT_TRUE(mine->lookup("s:never").empty());
  EXPECT_TRUE(mine->lookup("s:never").empty());
  EXPECT_TRUE(Name::lookup("https://trace.example/never").empty());
  const Name made = mine->expand("s:now");
  EXPECT_EQ(mine->lookup("s:now"), made);
}

TEST(Context, EveryTermOfTheCoreComesBackFromItsIri) {
  for (const std::string_view term :
       {"id",        "type",       "location",   "value",         "object",    "languageMap", "vocab",
        "json",      "valueList",  "objectList", "previousValue", "deletedAt", "expiresAt",   "unitCode",
        "datasetId", "observedAt", "Feature",    "coordinates",   "scope",     "title"}) {
    EXPECT_TRUE(core_context::is_term(term)) << term;
    if (term == "id" || term == "type") continue;
    EXPECT_EQ(Context::canonical_of(Context::iri_of(term)), term);
  }
  EXPECT_FALSE(core_context::is_term("speed"));
}

TEST(Context, AllVersionsOfTheCoresAddressAreKnown) {
  for (const char* url : {"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
                          "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.0.jsonld",
                          "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld",
                          "http://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.10.jsonld"}) {
    EXPECT_TRUE(core_context::is_url(url)) << url;
    EXPECT_EQ(context(fmt::format("\"{}\"", url)), Context::core());
    EXPECT_EQ(context(fmt::format("[\"{}\"]", url)), Context::core());
  }
  EXPECT_FALSE(core_context::is_url("https://uri.etsi.org/ngsi-ld/v1/other.jsonld"));
  EXPECT_FALSE(core_context::is_url("https://uri.etsi.org.evil.example/ngsi-ld/v1/ngsi-ld-core-context.jsonld"));
}

// Words and IRIs that get in each other's way as often as can be.
class Words {
 public:
  explicit Words(std::uint32_t seed) : random_(seed) {}

  std::string term() {
    static constexpr std::string_view kTerms[] = {"a",     "b",       "ab",     "speed", "location", "title",
                                                  "value", "smart",   "Smart",  "a/b",   "a:b",      "smart:a",
                                                  "x",     "geojson", "status", "a b",   "ngsi-ld",  "ngsi-ld:x"};
    return std::string(kTerms[random_() % std::size(kTerms)]);
  }
  std::string iri() {
    static constexpr std::string_view kStems[] = {"https://s.example/",
                                                  "https://s.example/a/",
                                                  "https://s.example#",
                                                  "https://s.example/a",
                                                  "urn:smart:",
                                                  "https://uri.etsi.org/ngsi-ld/default-context/",
                                                  "https://uri.etsi.org/ngsi-ld/",
                                                  "https://purl.org/geojson/vocab#"};
    std::string out(kStems[random_() % std::size(kStems)]);
    for (std::uint32_t n = random_() % 3; n > 0; --n) out += term();
    std::erase(out, ' ');
    return out;
  }
  std::string context() {
    std::map<std::string, std::string> members;  // a key stands once
    for (std::uint32_t n = random_() % 8; n > 0; --n) {
      const std::uint32_t kind = random_() % 6;
      members[term()] = kind == 0   ? "null"
                        : kind == 1 ? fmt::format(R"({{"@id": "{}", "@prefix": {}}})", iri(), random_() % 2 == 0)
                                    : fmt::format("\"{}\"", iri());
    }
    if (random_() % 4 == 0) members["@vocab"] = fmt::format("\"{}\"", iri());
    std::string out;
    for (const auto& [key, value] : members) out += fmt::format("{}\"{}\": {}", out.empty() ? "" : ", ", key, value);
    return "{" + out + "}";
  }

 private:
  std::mt19937 random_;
};

TEST(Context, WhatIsShownMeansTheSameAgainInAnyContext) {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    Words words(seed);
    const std::string one = words.context();
    const ContextSource nowhere = [](const std::string&) { return std::shared_ptr<const std::string>(); };
    const auto mine = read_context(one, nowhere);
    if (!mine) continue;  // a prefix that another word of the same context needs
    for (int i = 0; i < 40; ++i) {
      const std::string word = i % 2 == 0 ? words.term() : words.iri();
      const std::string canonical = (*mine)->expand_text(word);
      EXPECT_EQ(Context::canonical_of(Context::iri_of(canonical)), canonical) << seed << " " << one << " " << word;
      const std::string back = (*mine)->compact_text(canonical);
      EXPECT_EQ((*mine)->expand_text(back), canonical) << seed << " " << one << " " << word << " shown as " << back;
      const Name name = (*mine)->expand(word);
      EXPECT_EQ(name.text(), canonical);
      EXPECT_EQ(shown(**mine, name.text()), back);
      EXPECT_EQ(Context::core()->expand_text(Context::core()->compact_text(canonical)), canonical) << word;
    }
  }
}

}  // namespace
}  // namespace cityloop::twin
