// Reading @contexts as people write them, rightly and wrongly.
#include "twin/context/reader.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace cityloop::twin {
namespace {

using base::Errc;

// Documents at addresses; the absent cannot be had.
struct Web {
  std::map<std::string, std::string> documents;
  mutable std::map<std::string, int> asked{};

  base::Result<ContextPtr> read(std::string_view json) const {
    const ContextSource source = [this](const std::string& url) -> base::Result<std::shared_ptr<const std::string>> {
      ++asked[url];
      const auto found = documents.find(url);
      if (found == documents.end()) return base::fail(Errc::unavailable, "{} does not answer", url);
      return std::make_shared<const std::string>(found->second);
    };
    return read_context(json, source);
  }
  std::string expanded(std::string_view json, std::string_view term) const {
    const auto context = read(json);
    return context ? (*context)->expand_text(term) : "error: " + context.error().message;
  }
};

TEST(ContextReader, ListsRemoteOnesAndTheLastWord) {
  const Web web{
      {{"https://a.example/one.jsonld", R"({"@context": {"x": "https://a.example/x", "y": "https://a.example/y"}})"},
       {"https://a.example/dir/all.jsonld", R"({"@context": ["../one.jsonld", {"y": "https://all.example/y"}]})"}}};
  const std::string list = R"(["https://a.example/dir/all.jsonld", {"z": "https://z.example/z"},
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"])";
  EXPECT_EQ(web.expanded(list, "x"), "https://a.example/x");
  EXPECT_EQ(web.expanded(list, "y"), "https://all.example/y");
  EXPECT_EQ(web.expanded(list, "z"), "https://z.example/z");
  EXPECT_EQ(web.asked.size(), 2U);
  EXPECT_EQ(web.expanded(R"(["https://a.example/one.jsonld", null])", "x"), "x");
  EXPECT_EQ(web.expanded(R"(["https://a.example/one.jsonld", {"x": null}])", "x"), "x");
  EXPECT_EQ(web.expanded(R"(["https://a.example/one.jsonld", {"w": "x"}])", "w"), "https://a.example/x");
  EXPECT_EQ(web.expanded("[]", "x"), "x");
}

TEST(ContextReader, WhatCannotBeHadIsSaidSo) {
  const auto got = Web{}.read(R"(["https://dead.example/c"])");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unavailable);
  EXPECT_NE(got.error().message.find("https://dead.example/c"), std::string::npos);
}

TEST(ContextReader, ImportsCountAsIfTheyStoodThere) {
  const Web web{{{"https://a.example/base", R"({"@context": {"x": "p:x", "p": "https://base.example/", "y": "p:y"}})"},
                 {"https://a.example/list", R"({"@context": []})"},
                 {"https://a.example/again", R"({"@context": {"@import": "https://a.example/base"}})"}}};
  const std::string importing = R"({"@import": "https://a.example/base", "p": "https://mine.example/"})";
  EXPECT_EQ(web.expanded(importing, "x"), "https://mine.example/x");
  EXPECT_EQ(web.expanded(R"({"@import": "https://a.example/base", "y": null})", "y"), "y");
  EXPECT_EQ(web.read(R"({"@import": "https://a.example/list"})").error().code, Errc::invalid);
  EXPECT_EQ(web.read(R"({"@import": "https://a.example/again"})").error().code, Errc::invalid);
  EXPECT_EQ(web.read(R"({"@import": 3})").error().code, Errc::invalid);
}

TEST(ContextReader, DefinitionsMayComeInAnyOrderAndInFull) {
  const Web web;
  const std::string json = R"({"@version": 1.1, "@base": "https://ignored.example/", "@language": null,
    "Vehicle": "sdm:transport#Vehicle", "sdm": "https://sdm.example/", "id": "@id", "type": "@type", "kind": "@type",
    "brand": {"@id": "sdm:brand", "@type": "@vocab", "@context": {"Audi": "https://audi.example"}},
    "parts": {"@id": "sdm:parts", "@container": ["@list"]}, "back": {"@reverse": "sdm:back"},
    "sdm:plain": {"@type": "@id"}, "bare": {"@container": "@set"}, "gone": {"@id": null}, "@future": "x",
    "short": {"@id": "https://pre.example/v", "@prefix": true}, "unfit": "https://pre.example/w"})";
  EXPECT_EQ(web.expanded(json, "Vehicle"), "https://sdm.example/transport#Vehicle");
  EXPECT_EQ(web.expanded(json, "brand"), "https://sdm.example/brand");
  EXPECT_EQ(web.expanded(json, "parts"), "https://sdm.example/parts");
  EXPECT_EQ(web.expanded(json, "back"), "https://sdm.example/back");
  EXPECT_EQ(web.expanded(json, "sdm:plain"), "https://sdm.example/plain");
  EXPECT_EQ(web.expanded(json, "bare"), "bare");
  EXPECT_EQ(web.expanded(json, "gone"), "gone");
  EXPECT_EQ(web.expanded(json, "kind"), "kind");
  EXPECT_EQ(web.expanded(json, "type"), "type");
  EXPECT_EQ(web.expanded(json, "short:1"), "https://pre.example/v1");
  EXPECT_EQ(web.expanded(json, "unfit:1"), "unfit:1");
}

TEST(ContextReader, WhatIsWrongIsRefusedWithAReason) {
  const Web web{{{"https://a.example/me", R"({"@context": "me"})"},
                 {"https://a.example/ping", R"({"@context": ["https://a.example/pong"]})"},
                 {"https://a.example/pong", R"({"@context": ["https://a.example/ping"]})"},
                 {"https://a.example/bare", R"({"x": "https://a.example/x"})"},
                 {"https://a.example/list", "[1]"}}};
  for (const char* wrong : {"3",
                            "true",
                            R"([["https://a.example/x"]])",
                            R"({"x": 3})",
                            R"({"x": []})",
                            R"({"x": {"@id": 7}})",
                            R"({"": "https://x"})",
                            R"({"x": {"@id": "https://x.example/", "@what": 1}})",
                            R"({"a": "b:x", "b": "a:y"})",
                            R"({"a": "a:y"})",
                            R"({"a": {"@id": "https://x.example/", "@container": "@heap"}})",
                            R"({"@version": 2})",
                            R"({"@vocab": 4})",
                            R"({"@vocab": "has blank"})",
                            R"({"@id": "https://x.example/"})",
                            R"({"x": "https://x.example/ blank"})",
                            R"({"x": ""})",
                            R"({"x": "@context"})",
                            R"({"@language": 3})",
                            R"({"@protected": "yes"})",
                            R"("relative.jsonld")",
                            R"("")",
                            R"(["https://a.example/me"])",
                            R"("https://a.example/ping")",
                            R"("https://a.example/bare")",
                            R"("https://a.example/list")",
                            R"([{"@protected": true, "x": "https://x.example/1"}, {"x": "https://x.example/2"}])"}) {
    const auto got = web.read(wrong);
    ASSERT_FALSE(got) << wrong;
    EXPECT_EQ(got.error().code, Errc::invalid) << wrong;
    EXPECT_FALSE(got.error().message.empty());
  }
  EXPECT_EQ(web.read("{").error().code, Errc::malformed);
  EXPECT_TRUE(web.read(R"([{"@protected": true, "x": "https://x.example/1"}, {"x": "https://x.example/1"}])"));
}

TEST(ContextReader, DocumentsAreCheckedByThemselves) {
  const auto good = read_context_document(
      R"({"@context": ["https://b.example/c", "other", {"x" : "https://x.example/x"},
          "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"], "more": 1})",
      "https://a.example/dir/c");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->imports, (std::vector<std::string>{"https://b.example/c", "https://a.example/dir/other"}));
  EXPECT_EQ(good->context.find(' '), std::string::npos);
  EXPECT_EQ(read_context_document("nonsense", "").error().code, Errc::malformed);
  EXPECT_EQ(read_context_document("[]", "").error().code, Errc::invalid);
  EXPECT_EQ(read_context_document(R"({"x": "https://x.example"})", "").error().code, Errc::invalid);
  EXPECT_EQ(read_context_document(R"({"@context": {"x": 3}})", "").error().code, Errc::invalid);
}

TEST(ContextReader, SizesAndDepthsAreBounded) {
  std::string chain = R"({"t0": "https://x.example/")";
  for (int i = 1; i < 5000; ++i) chain += fmt::format(R"(, "t{}": "t{}:x")", 5000 - i, 4999 - i);
  EXPECT_EQ(Web{}.read(chain + "}").error().code, Errc::invalid);
  std::string wide = fmt::format(R"({{"p": "https://x.example/{}/")", std::string(4000, 'p'));
  for (int i = 0; i < 20'000; ++i) wide += fmt::format(R"(, "t{}": "p:{}")", i, i);
  EXPECT_EQ(Web{}.read(wide + "}").error().code, Errc::invalid);
  std::string deep(10'000, '[');
  EXPECT_FALSE(Web{}.read(deep + std::string(10'000, ']')));
  EXPECT_EQ(Web{}.read(fmt::format(R"({{"x": "https://x.example/{}"}})", std::string(10'000, 'x'))).error().code,
            Errc::invalid);
  EXPECT_FALSE(Web{}.read(std::string(9u << 20, ' ') + "{}"));
  Web ladder;
  for (int i = 0; i < 40; ++i) {
    ladder.documents[fmt::format("https://l.example/{}", i)] =
        fmt::format(R"({{"@context": "https://l.example/{}"}})", i + 1);
  }
  EXPECT_EQ(ladder.read(R"("https://l.example/0")").error().code, Errc::invalid);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += fmt::format(R"({}"term{}": "https://many.example/{}")", i ? ", " : "", i, i);
  const auto read = Web{}.read("{" + many + "}");
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->expand_text("term4999"), "https://many.example/4999");
}

TEST(ContextReader, UrlsAreResolvedAsTheRfcSays) {
  const std::string base = "http://a/b/c/d;p?q";
  const std::map<std::string, std::string> cases{{"g", "http://a/b/c/g"},
                                                 {"./g", "http://a/b/c/g"},
                                                 {"g/", "http://a/b/c/g/"},
                                                 {"/g", "http://a/g"},
                                                 {"//g", "http://g"},
                                                 {"?y", "http://a/b/c/d;p?y"},
                                                 {"g?y", "http://a/b/c/g?y"},
                                                 {"..", "http://a/b/"},
                                                 {"../g", "http://a/b/g"},
                                                 {"../../g", "http://a/g"},
                                                 {"../../../g", "http://a/g"},
                                                 {"g:h", "g:h"},
                                                 {"g;x=1/../y", "http://a/b/c/y"},
                                                 {".", "http://a/b/c/"},
                                                 {"https://x/y#z", "https://x/y"}};
  for (const auto& [reference, url] : cases) EXPECT_EQ(resolve_url(base, reference).value(), url) << reference;
  EXPECT_FALSE(resolve_url("", "g"));
  EXPECT_FALSE(resolve_url(base, "with blank"));
  EXPECT_FALSE(resolve_url("", "\"><script>"));
}

// A context that uses all that there is, changed at random places by bytes and pieces of itself.
TEST(ContextReader, NothingThatIsSentBringsItDown) {
  const std::string seed_text = R"(["https://a.example/c", {"@version": 1.1, "@vocab": "https://v.example/#",
    "@import": "https://a.example/c", "p": "https://p.example/", "x": "p:x", "n": null, "@protected": true,
    "y": {"@id": "p:y", "@type": "@id", "@container": ["@set"], "@prefix": true, "@protected": false},
    "p:z": {"@reverse": "p:w", "@context": [{}]}, "日本": "p:日本"}, null])";
  static constexpr std::string_view kPieces[] = {"@id",  "@context", ":",        "\"",     "{",     "}",      "[",
                                                 "]",    ",",        "null",     "//",     "@",     "_:",     "\\u0000",
                                                 "\xff", "p:",       "https://", "@vocab", "1e999", "\\ud800"};
  Web web{{{"https://a.example/c", R"({"@context": {"c": "https://c.example/"}})"}}};
  std::mt19937 random(20261);
  int good = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string text = seed_text;
    for (std::uint32_t n = 1 + random() % 4; n > 0 && !text.empty(); --n) {
      const std::size_t at = random() % text.size();
      switch (random() % 5) {
        case 0: text[at] = char(random()); break;
        case 1: text.erase(at, 1 + random() % 12); break;
        case 2: text.insert(at, kPieces[random() % std::size(kPieces)]); break;
        case 3: text.insert(at, text.substr(random() % text.size(), random() % 30)); break;
        default: text.resize(at); break;
      }
    }
    web.documents["https://a.example/d"] = text;
    const auto read = web.read(round % 2 ? std::string_view(text) : R"("https://a.example/d")");
    good += read.has_value();
    if (read) {
      EXPECT_EQ((*read)->expand_text((*read)->compact_text("https://p.example/x")).empty(), false);
    } else {
      EXPECT_FALSE(read.error().message.empty());
    }
    (void)read_context_document(text, "");
  }
  EXPECT_GT(good, 50) << "mutations that are too rough test nothing";
}

}  // namespace
}  // namespace cityloop::twin
