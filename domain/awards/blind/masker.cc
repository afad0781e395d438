#include "domain/awards/blind/masker.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "domain/awards/blind/known.h"
#include "domain/awards/blind/patterns.h"
#include "domain/awards/blind/unknown.h"
#include "text/letters.h"

namespace cityloop::awards::blind {
namespace {

struct Name {
  std::string_view code, zh, en;
};
constexpr Name kNames[] = {{"person", "人员", "Person"},
                           {"organisation", "单位", "Organisation"},
                           {"project", "项目", "Project"},
                           {"place", "地点", "Place"},
                           {"address", "地址", "Address"},
                           {"email", "邮箱", "E-mail"},
                           {"phone", "电话", "Phone"},
                           {"id_number", "证件号", "ID number"},
                           {"credit_code", "信用代码", "Credit code"},
                           {"url", "网址", "Web address"},
                           {"handle", "账号", "Account"},
                           {"document", "文号", "Document number"}};

// A to Z, AA to ZZ …
std::string letters_for(std::size_t number) {
  std::string out;
  for (std::size_t n = number + 1; n > 0; n = (n - 1) / 26) out.insert(out.begin(), char('A' + (n - 1) % 26));
  return out;
}

// Among Chinese the mask is Chinese: by the letters of the line around it.
bool among_han(std::string_view text, std::size_t begin, std::size_t end) {
  const std::size_t from = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;
  const std::size_t to = std::min(text.find('\n', end), text.size());
  std::size_t han = 0, latin = 0;
  for (std::size_t at = from; at < to;) {
    const text::Letter letter = text::next_letter(text, at);
    const bool inside = letter.begin >= begin && letter.begin < end;
    if (!inside) (text::is_han(letter.code) ? han : latin) += letter.code > ' ';
  }
  return han * 4 > latin || (han + latin == 0 && text::is_han(text::next_letter(text, begin).code));
}

class Blinder {
 public:
  Blinder(std::span<const Identity> known, std::span<const std::string> texts, const Decisions& decisions) {
    for (const Identity& identity : known) names_.add(identity, Found::known);
    for (const Identity& identity : decisions.mask) names_.add(identity, Found::known);
    for (const std::string& word : decisions.keep) keep_.insert(tighten(fold(word).lower).text);
    for (const std::string& text : texts) {
      texts_.push_back(&text);
      folded_.push_back(fold(text));
    }
  }

  std::vector<Masked> run() {
    std::vector<std::vector<Finding>> findings(folded_.size());
    for (std::size_t i = 0; i < folded_.size(); ++i) {
      find_patterns(folded_[i], findings[i]);
      find_unknown(folded_[i], findings[i]);
    }
    learn(findings);
    std::vector<Masked> out;
    for (std::size_t i = 0; i < folded_.size(); ++i) {
      const Tight tight = tighten(folded_[i].lower);
      names_.find(folded_[i], tight, findings[i]);
      learned_.find(folded_[i], tight, findings[i]);
      out.push_back(mask(i, findings[i]));
    }
    return out;
  }

 private:
  bool kept(std::size_t i, const Finding& finding) const {
    if (finding.found != Found::guess) return false;
    return keep_.contains(tighten(folded_[i].lower.substr(finding.begin, finding.end - finding.begin)).text);
  }
  void learn(std::vector<std::vector<Finding>>& findings);
  Masked mask(std::size_t i, std::vector<Finding>& findings);
  std::string replacement(const Finding& finding, bool han);

  KnownNames names_, learned_;
  std::set<std::string> keep_;
  std::vector<const std::string*> texts_;
  std::vector<Folded> folded_;
  std::map<Kind, std::map<std::string, std::size_t>> numbers_;  // by who
};

// A guess in one place is looked for in all others.
void Blinder::learn(std::vector<std::vector<Finding>>& findings) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    std::erase_if(findings[i], [&](const Finding& finding) { return kept(i, finding); });
    for (const Finding& finding : findings[i]) {
      if (finding.doubt || finding.found != Found::guess) continue;
      const std::string name = folded_[i].plain.substr(finding.begin, finding.end - finding.begin);
      if (seen.insert(name).second) learned_.add({finding.kind, {name}}, Found::guess);
    }
  }
}

std::string Blinder::replacement(const Finding& finding, bool han) {
  auto& numbers = numbers_[finding.kind];
  const std::size_t number = numbers.try_emplace(finding.who, numbers.size()).first->second;
  const Name& name = kNames[std::size_t(finding.kind)];
  return han ? fmt::format("【{}{}】", name.zh, letters_for(number))
             : fmt::format("[{} {}]", name.en, letters_for(number));
}

// What overlaps becomes one span, so that nothing of any finding is left; the longest says what it is.
Masked Blinder::mask(std::size_t i, std::vector<Finding>& findings) {
  const Folded& folded = folded_[i];
  const std::string& text = *texts_[i];
  Masked out;
  std::vector<Finding> doubts;
  std::erase_if(findings, [&](const Finding& finding) {
    if (finding.doubt) doubts.push_back(finding);
    return finding.doubt;
  });
  const auto weight = [](const Finding& it) {
    return std::tuple(it.end - it.begin, it.found == Found::known, it.found == Found::pattern);
  };
  std::ranges::sort(findings, {}, [](const Finding& it) { return std::tuple(it.begin, it.end, it.kind, it.found); });
  std::size_t written = 0;
  for (std::size_t first = 0; first < findings.size();) {
    std::size_t next = first, end = findings[first].end;
    const Finding* best = &findings[first];
    for (; next < findings.size() && (next == first || findings[next].begin < end); ++next) {
      end = std::max(end, findings[next].end);
      if (weight(findings[next]) > weight(*best)) best = &findings[next];
    }
    Span span;
    span.begin = folded.from[findings[first].begin];
    span.end = folded.to[end - 1];
    span.kind = best->kind;
    span.found = best->found;
    span.original = text.substr(span.begin, span.end - span.begin);
    Finding whole = *best;
    if (whole.who.empty()) whole.who = tighten(fold(span.original).lower).text;
    span.replacement = replacement(whole, among_han(text, span.begin, span.end));
    out.text.append(text, written, span.begin - written);
    out.text += span.replacement;
    written = span.end;
    out.spans.push_back(std::move(span));
    first = next;
  }
  out.text.append(text, written);
  for (const Finding& doubt : doubts) {
    const std::uint32_t begin = folded.from[doubt.begin], end = folded.to[doubt.end - 1];
    const bool masked =
        std::ranges::any_of(out.spans, [&](const Span& span) { return span.begin < end && begin < span.end; });
    if (!masked) out.doubts.push_back({begin, end, doubt.kind, text.substr(begin, end - begin)});
  }
  std::ranges::sort(out.doubts, {}, [](const Doubt& it) { return std::tuple(it.begin, it.end); });
  return out;
}

}  // namespace

std::string_view to_string(Kind kind) {
  return kNames[std::size_t(kind)].code;
}

std::string_view to_string(Found found) {
  switch (found) {
    case Found::known: return "known";
    case Found::pattern: return "pattern";
    case Found::guess: return "guess";
  }
  return "";
}

std::vector<Masked> blind_texts(std::span<const Identity> known, std::span<const std::string> texts,
                                const Decisions& decisions) {
  return Blinder(known, texts, decisions).run();
}

}  // namespace cityloop::awards::blind
