#include "twin/context/term_definitions.h"

#include <algorithm>
#include <array>

#include "twin/context/core_context.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kTermMax = 1024;  // bytes of a term
constexpr std::size_t kIriMax = 4096;
constexpr std::size_t kBytesMax = 32u << 20;  // of all terms and IRIs of one context
constexpr int kChainMax = 64;                 // definitions, one made of the other

constexpr std::array<std::string_view, 25> kKeywords{
    "@base",      "@container", "@context",  "@default", "@direction", "@graph",   "@id",     "@import",   "@included",
    "@index",     "@json",      "@language", "@list",    "@nest",      "@none",    "@prefix", "@preserve", "@propagate",
    "@protected", "@reverse",   "@set",      "@type",    "@value",     "@version", "@vocab"};
constexpr std::array<std::string_view, 11> kOfDefinitions{"@id",       "@type",      "@container", "@context",
                                                          "@language", "@direction", "@nest",      "@index",
                                                          "@prefix",   "@protected", "@reverse"};
constexpr std::array<std::string_view, 9> kContainers{"@list", "@set",   "@language", "@index", "@id",
                                                      "@type", "@graph", "@none",     "@nest"};

bool is_keyword(std::string_view text) {
  return std::ranges::find(kKeywords, text) != kKeywords.end();
}

// "@" and letters: reserved by JSON-LD, and passed over.
bool looks_like_keyword(std::string_view text) {
  return text.size() > 1 && text.front() == '@' &&
         std::ranges::all_of(text.substr(1), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

std::string_view clipped(std::string_view text) {
  return text.substr(0, 200);
}

// Whether a prefix may be taken from a term that is defined by an IRI alone.
bool ends_in_delimiter(std::string_view iri) {
  return iri == "_:" || (!iri.empty() && std::string_view(":/?#[]@").find(iri.back()) != std::string_view::npos);
}

Status check_iri(std::string_view iri, std::string_view what) {
  const bool blank = std::ranges::any_of(iri, [](char c) {
    return std::uint8_t(c) <= ' ' || std::string_view("<>\"{}|\\^`").find(c) != std::string_view::npos;
  });
  if (iri.size() > kIriMax)
    return fail(Errc::invalid, "@context: '{}': an IRI of more than {} bytes", clipped(what), kIriMax);
  if (blank || iri.find(':') == iri.npos)
    return fail(Errc::invalid, "@context: '{}': '{}' is no IRI", clipped(what), clipped(iri));
  return {};
}

Status check_container(const element& value, std::string_view term) {
  const auto known = [](const element& item) {
    std::string_view text;
    return !item.get(text) && std::ranges::find(kContainers, text) != kContainers.end();
  };
  simdjson::dom::array items;
  const bool good = value.is_null() || (value.get(items) ? known(value) : std::ranges::all_of(items, known));
  if (!good) return fail(Errc::invalid, "@context: '{}': '@container' is none that JSON-LD knows", clipped(term));
  return {};
}

Status check_member(std::string_view key, const element& value, std::string_view term) {
  if (std::ranges::find(kOfDefinitions, key) == kOfDefinitions.end()) {
    return fail(Errc::invalid, "@context: '{}': a definition has no member '{}'", clipped(term), clipped(key));
  }
  if (key == "@container") return check_container(value, term);
  const bool flag = key == "@prefix" || key == "@protected";
  const bool nullable = key == "@id" || key == "@language" || key == "@direction";
  const bool context = key == "@context";
  const bool good = flag       ? value.is_bool()
                    : context  ? value.is_object() || value.is_array() || value.is_string() || value.is_null()
                    : nullable ? value.is_string() || value.is_null()
                               : value.is_string();
  if (!good) return fail(Errc::invalid, "@context: '{}': '{}' has a value of a wrong kind", clipped(term), key);
  return {};
}

}  // namespace

class TermDefinitions::Object {
 public:
  Object(TermDefinitions& all, const object& members, const object* importing) : all_(all) {
    for (const auto [key, value] : members) members_.insert_or_assign(key, value), order_.push_back(key);
    if (!importing) return;
    for (const auto [key, value] : *importing) members_.insert_or_assign(key, value), order_.push_back(key);
  }

  Status read() {
    TRY(read_version());
    TRY(read_vocabulary());
    for (const std::string_view key : order_) {
      if (is_keyword(key)) TRY(check_keyword(key, members_.at(key)));
      else TRY(define(key, 0));
    }
    return {};
  }

 private:
  enum class Stage : std::uint8_t { begun, done };

  const element* member(std::string_view key) const {
    const auto found = members_.find(key);
    return found == members_.end() ? nullptr : &found->second;
  }

  Status read_version() {
    if (const element* version = member("@version")) {
      double number = 0;
      if (version->get(number) || number != 1.1) return fail(Errc::invalid, "@context: '@version' must be 1.1");
    }
    if (const element* locked = member("@protected"); locked && locked->get(protect_)) {
      return fail(Errc::invalid, "@context: '@protected' must be true or false");
    }
    return {};
  }

  Status read_vocabulary() {
    const element* vocabulary = member("@vocab");
    if (!vocabulary) return {};
    if (vocabulary->is_null()) {
      all_.vocabulary_.clear();
      return {};
    }
    std::string_view text;
    if (vocabulary->get(text)) return fail(Errc::invalid, "@context: '@vocab' must be an IRI or null");
    if (text.empty()) return {};
    std::string iri = TRY(expanded(text, 0));
    TRY(check_iri(iri, "@vocab"));
    all_.vocabulary_ = std::move(iri);
    return {};
  }

  static Status check_keyword(std::string_view key, const element& value) {
    const bool text_or_null = key == "@base" || key == "@language" || key == "@direction";
    const bool known = key == "@version" || key == "@vocab" || key == "@protected" || key == "@import";
    if (text_or_null && !value.is_string() && !value.is_null()) {
      return fail(Errc::invalid, "@context: '{}' must be a text or null", key);
    }
    if (key == "@propagate" && !value.is_bool())
      return fail(Errc::invalid, "@context: '@propagate' must be true or false");
    // Of "@type" it may only be said that it is a set.
    if (text_or_null || known || key == "@propagate" || (key == "@type" && value.is_object())) return {};
    return fail(Errc::invalid, "@context: the keyword '{}' cannot be defined", key);
  }

  Status define(std::string_view term, int depth) {
    const auto [stage, fresh] = stages_.try_emplace(term, Stage::begun);
    if (!fresh && stage->second == Stage::done) return {};
    if (!fresh) return fail(Errc::invalid, "@context: '{}' is defined by itself", clipped(term));
    if (depth > kChainMax)
      return fail(Errc::invalid, "@context: '{}': definitions made of more than {} others", clipped(term), kChainMax);
    if (term.empty() || term.size() > kTermMax)
      return fail(Errc::invalid, "@context: a term has 1 to {} bytes", kTermMax);
    if (!looks_like_keyword(term)) TRY(define_as(term, members_.at(term), depth));
    stages_[term] = Stage::done;
    return {};
  }

  Status define_as(std::string_view term, const element& value, int depth) {
    if (value.is_null()) return put(term, {.locked = protect_});
    std::string_view text;
    if (!value.get(text)) return define_by(term, text, true, {.locked = protect_}, depth);
    object members;
    if (value.get(members))
      return fail(Errc::invalid, "@context: '{}' must be an IRI, an object or null", clipped(term));
    return define_in_full(term, members, depth);
  }

  Status define_in_full(std::string_view term, const object& members, int depth) {
    Definition definition{.locked = protect_};
    std::optional<std::string_view> id;
    bool removed = false;
    for (const auto [key, value] : members) {
      TRY(check_member(key, value, term));
      if (key == "@protected") definition.locked = bool(value);
      if (key == "@prefix") definition.prefix = bool(value);
      if (key == "@id" && value.is_null()) removed = true;
      else if (key == "@id" || key == "@reverse") id = std::string_view(value);
    }
    if (removed) return put(term, {.locked = definition.locked});
    return define_by(term, id.value_or(term), false, std::move(definition), depth);
  }

  Status define_by(std::string_view term, std::string_view id, bool alone, Definition definition, int depth) {
    // A keyword by another name: NGSI-LD has its own for those it uses ("id", "type").
    if (is_keyword(id) || looks_like_keyword(id)) {
      if (id == "@context") return fail(Errc::invalid, "@context: '{}' cannot stand for @context", clipped(term));
      return {};
    }
    if (id.empty()) return fail(Errc::invalid, "@context: '{}' stands for nothing", clipped(term));
    definition.iri = id == term ? TRY(by_prefix_or_vocabulary(term, depth)) : TRY(expanded(id, depth + 1));
    TRY(check_iri(definition.iri, term));
    if (term.find_first_of(":/") != term.npos) definition.prefix = false;
    else if (alone) definition.prefix = ends_in_delimiter(definition.iri);
    return put(term, std::move(definition));
  }

  // A definition without an IRI takes it away again.
  Status put(std::string_view term, Definition definition) {
    const auto held = all_.terms_.find(term);
    if (held != all_.terms_.end()) {
      if (held->second.locked && held->second.iri != definition.iri) {
        return fail(Errc::invalid, "@context: '{}' is protected and cannot be defined anew", clipped(term));
      }
      definition.locked = definition.locked || held->second.locked;
      all_.bytes_ -= held->first.size() + held->second.iri.size();
      all_.terms_.erase(held);
    }
    if (definition.iri.empty()) return {};
    all_.bytes_ += term.size() + definition.iri.size();
    if (all_.bytes_ > kBytesMax)
      return fail(Errc::invalid, "@context: terms and IRIs of more than {} bytes", kBytesMax);
    all_.terms_.emplace(std::string(term), std::move(definition));
    return {};
  }

  // What a word within a definition stands for: a term of the core, of this object or of one before, a compact IRI or
  // an IRI.
  Result<std::string> expanded(std::string_view word, int depth) {
    if (const auto core = core_context::iri_of(word); !core.prefix.empty()) {
      return std::string(core.prefix).append(core.rest);
    }
    if (const auto core = core_context::prefix(word); !core.empty()) return std::string(core);
    if (member(word) && !is_keyword(word)) TRY(define(word, depth));
    const auto known = all_.terms_.find(word);
    if (known != all_.terms_.end()) return known->second.iri;
    return by_prefix_or_vocabulary(word, depth);
  }

  Result<std::string> by_prefix_or_vocabulary(std::string_view word, int depth) {
    const auto colon = word.find(':', 1);
    if (colon == word.npos) {
      return std::string(all_.vocabulary_.empty() ? kDefaultVocabulary : std::string_view(all_.vocabulary_))
          .append(word);
    }
    const std::string_view prefix = word.substr(0, colon);
    const std::string_view rest = word.substr(colon + 1);
    if (rest.starts_with("//") || prefix == "_") return std::string(word);
    if (const auto core = core_context::prefix(prefix); !core.empty()) return std::string(core).append(rest);
    if (member(prefix) && !is_keyword(prefix)) TRY(define(prefix, depth + 1));
    const auto known = all_.terms_.find(prefix);
    return known == all_.terms_.end() ? std::string(word) : std::string(known->second.iri).append(rest);
  }

  TermDefinitions& all_;
  std::unordered_map<std::string_view, element> members_;
  std::vector<std::string_view> order_;
  std::unordered_map<std::string_view, Stage> stages_;
  bool protect_{false};
};

Status TermDefinitions::add(const object& members, const object* importing) {
  return Object(*this, members, importing).read();
}

void TermDefinitions::clear() {
  *this = {};
}

ContextPtr TermDefinitions::build() const {
  Context::Builder out;
  for (const auto& [term, definition] : terms_) out.define(term, definition.iri, definition.prefix);
  out.vocabulary(vocabulary_);
  return out.build();
}

}  // namespace cityloop::twin
