#include "domain/awards/trust/log_line.h"

#include <algorithm>
#include <charconv>

#include "base/text_of_bytes.h"
#include "trust/key_pair.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;

constexpr std::size_t kWordMax = 120, kTimeSize = 27;
constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 53;  // what JSON's readers agree on
constexpr std::string_view kEntryBegin = R"({"v":1,"n":)", kHeadBegin = R"({"v":1,"log":")";

bool is_word_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._:/+-").find(c) != std::string_view::npos;
}

// Reads one line from left to right; after the first thing that is not as it must be nothing is read any more.
class Scanner {
 public:
  explicit Scanner(std::string_view line) : rest_(line) {}

  void expect(std::string_view text) {
    if (!rest_.starts_with(text)) return stop();
    rest_.remove_prefix(text.size());
  }
  bool accept(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  std::uint64_t number() {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    const auto size = std::size_t(end - rest_.data());
    if (error != std::errc() || out > kNumberMax || (size > 1 && rest_.front() == '0')) return stop(), 0;
    rest_.remove_prefix(size);
    return out;
  }
  std::string_view quoted() {
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) return stop(), std::string_view{};
    const std::string_view out = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return out;
  }
  std::string word() {
    const std::string_view out = quoted();
    if (!is_log_word(out)) stop();
    return std::string(out);
  }
  Digest digest() {
    const auto out = digest_from(quoted());
    if (!out) stop();
    return out.value_or(Digest{});
  }
  std::string signature() {
    const auto out = base::from_hex(quoted());
    if (!out || out->size() != trust::kSignatureBytes) stop();
    return out.value_or("");
  }
  base::Instant time();
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  void stop() {
    ok_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool ok_{true};
};

// One form of an instant alone: what the calendar does not have, or has written otherwise, is none.
std::optional<base::Instant> time_from(std::string_view text) {
  if (text.size() != kTimeSize || !text.ends_with('Z')) return std::nullopt;
  const auto at = base::parse_time(text);
  if (!at || log_time(*at) != text) return std::nullopt;
  return *at;
}

base::Instant Scanner::time() {
  const auto at = time_from(quoted());
  if (!at) stop();
  return at.value_or(base::from_us(0));
}

// Fields of a JSON, each of which must be there and be one.
class Fields {
 public:
  Fields(const JsonValue& json, std::string_view what) : json_(json), what_(what) {
    if (json.number_or("v", 0) != 1) wrong("v", "is not 1: it was written by another version");
  }
  std::uint64_t number(std::string_view key) {
    const double value = json_.number_or(key, -1);
    if (!(value >= 0 && value <= double(kNumberMax)) || value != double(std::uint64_t(value)))
      return wrong(key, "is no whole number"), 0;
    return std::uint64_t(value);
  }
  std::string word(std::string_view key) {
    std::string value = json_.text_or(key, "");
    if (!is_log_word(value)) wrong(key, "has other letters than a log has");
    return value;
  }
  Digest digest(std::string_view key) {
    const auto value = digest_from(json_.text_or(key, ""));
    if (!value) wrong(key, "is not 64 hexadecimal digits");
    return value.value_or(Digest{});
  }
  std::optional<Digest> digest_if_given(std::string_view key) {
    if (!json_.find(key)) return std::nullopt;
    return digest(key);
  }
  std::string signature(std::string_view key) {
    auto value = base::from_hex(json_.text_or(key, ""));
    if (!value || value->size() != trust::kSignatureBytes) wrong(key, "is not 128 hexadecimal digits");
    return value.value_or("");
  }
  base::Instant time(std::string_view key) {
    const auto value = time_from(json_.text_or(key, ""));
    if (!value) wrong(key, "is no time as 2026-03-10T02:15:04.120000Z");
    return value.value_or(base::from_us(0));
  }
  void wrong(std::string_view key, std::string_view why) {
    if (why_.empty()) why_ = fmt::format("'{}' of the {} {}", key, what_, why);
  }
  const std::string& why() const { return why_; }

 private:
  const JsonValue& json_;
  std::string_view what_;
  std::string why_;
};

}  // namespace

bool is_log_word(std::string_view word) {
  return !word.empty() && word.size() <= kWordMax && std::ranges::all_of(word, is_word_letter);
}

std::string hex_of(const Digest& digest) {
  return base::to_hex(trust::as_bytes(digest));
}

std::optional<Digest> digest_from(std::string_view hex) {
  Digest out;
  const auto bytes = hex.size() == 2 * out.size() ? base::from_hex(hex) : std::nullopt;
  if (!bytes) return std::nullopt;
  std::ranges::copy(*bytes, out.begin());
  return out;
}

std::string log_time(base::Instant at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{}.{:06}Z", base::format_time(seconds).substr(0, kTimeSize - 8), (at - seconds).count());
}

std::string LogEntry::line() const {
  std::string out = fmt::format(R"({}{},"at":"{}","kind":"{}","cycle":"{}","subject":"{}","by":"{}")", kEntryBegin, n,
                                log_time(at), kind, cycle, subject, by);
  if (sha256) out += fmt::format(R"(,"sha256":"{}")", hex_of(*sha256));
  if (commitment) out += fmt::format(R"(,"commitment":"{}")", hex_of(*commitment));
  return out += '}';
}

std::string TreeHead::signed_text() const {
  return fmt::format("cityloop award log 1\n{}\n{}\n{}\n{}\n{}\n", hex_of(log), size, hex_of(root), log_time(at),
                     hex_of(before));
}

std::string TreeHead::line() const {
  return fmt::format(R"({}{}","size":{},"root":"{}","at":"{}","before":"{}","signature":"{}"}})", kHeadBegin,
                     hex_of(log), size, hex_of(root), log_time(at), hex_of(before), base::to_hex(signature));
}

bool is_entry_line(std::string_view line) {
  return line.starts_with(kEntryBegin);
}

Result<LogEntry> read_entry(std::string_view line) {
  Scanner in(line);
  LogEntry out;
  in.expect(kEntryBegin);
  out.n = in.number();
  in.expect(R"(,"at":")");
  out.at = in.time();
  in.expect(R"(,"kind":")");
  out.kind = in.word();
  in.expect(R"(,"cycle":")");
  out.cycle = in.word();
  in.expect(R"(,"subject":")");
  out.subject = in.word();
  in.expect(R"(,"by":")");
  out.by = in.word();
  if (in.accept(R"(,"sha256":")")) out.sha256 = in.digest();
  if (in.accept(R"(,"commitment":")")) out.commitment = in.digest();
  in.expect("}");
  if (!in.ok() || !in.at_end() || (!out.sha256 && !out.commitment))
    return fail(Errc::malformed, "it has not the form of an entry");
  return out;
}

Result<TreeHead> read_head(std::string_view line) {
  Scanner in(line);
  TreeHead out;
  in.expect(kHeadBegin);
  out.log = in.digest();
  in.expect(R"(,"size":)");
  out.size = in.number();
  in.expect(R"(,"root":")");
  out.root = in.digest();
  in.expect(R"(,"at":")");
  out.at = in.time();
  in.expect(R"(,"before":")");
  out.before = in.digest();
  in.expect(R"(,"signature":")");
  out.signature = in.signature();
  in.expect("}");
  if (!in.ok() || !in.at_end()) return fail(Errc::malformed, "it has not the form of a head");
  return out;
}

Result<LogEntry> entry_from(const JsonValue& json) {
  Fields in(json, "entry");
  LogEntry out;
  out.n = in.number("n");
  out.at = in.time("at");
  out.kind = in.word("kind");
  out.cycle = in.word("cycle");
  out.subject = in.word("subject");
  out.by = in.word("by");
  out.sha256 = in.digest_if_given("sha256");
  out.commitment = in.digest_if_given("commitment");
  if (!out.sha256 && !out.commitment) in.wrong("commitment", "is not there, and no 'sha256' either");
  if (!in.why().empty()) return fail(Errc::malformed, "{}", in.why());
  return out;
}

Result<TreeHead> head_from(const JsonValue& json) {
  Fields in(json, "head");
  TreeHead out;
  out.log = in.digest("log");
  out.size = in.number("size");
  out.root = in.digest("root");
  out.at = in.time("at");
  out.before = in.digest("before");
  out.signature = in.signature("signature");
  if (!in.why().empty()) return fail(Errc::malformed, "{}", in.why());
  return out;
}

}  // namespace cityloop::awards
