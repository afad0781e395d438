#include "domain/awards/trust/verify_command.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/file.h"
#include "base/text_of_bytes.h"
#include "domain/awards/trust/seal.h"
#include "domain/awards/trust/verdict.h"
#include "net/client.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr std::string_view kVerifyUsage = "cityloop verify FILE… [--log URL|FOLDER] [--key FILE] [--lang zh|en]";
constexpr std::string_view kKeyUsage = "cityloop awards key FILE --role ROLE   (the passphrase on standard input)";

struct Words {
  std::vector<std::string> plain;
  std::map<std::string, std::string> said;
};

Result<Words> read_words(const std::vector<std::string>& words, std::initializer_list<std::string_view> known,
                         std::string_view usage) {
  Words out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) {
      out.plain.push_back(words[i]);
      continue;
    }
    const std::string name = words[i].substr(2);
    if (std::ranges::find(known, name) == known.end()) return fail(Errc::invalid, "--{} is not known\n{}", name, usage);
    if (i + 1 == words.size()) return fail(Errc::invalid, "--{} lacks its value\n{}", name, usage);
    out.said[name] = words[++i];
  }
  if (out.plain.empty()) return fail(Errc::invalid, "{}", usage);
  return out;
}

Result<bool> in_chinese(const Words& words) {
  if (const auto said = words.said.find("lang"); said != words.said.end()) {
    if (said->second != "zh" && said->second != "en") return fail(Errc::invalid, "--lang is zh or en");
    return said->second == "zh";
  }
  for (const char* const name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value && *value) return std::string_view(value).starts_with("zh");
  }
  return false;
}

Result<std::string> fetch(net::HttpClient& client, const std::string& url) {
  net::OutgoingRequest request;
  request.url = url;
  request.timeout = std::chrono::seconds(15);
  request.repeatable = true;
  const auto response = client.send(std::move(request));
  if (!response) return fail(response.error().code, "{}: {}", url, response.error().message);
  if (response->status != 200) return fail(Errc::unavailable, "{} answers {}", url, response->status);
  return response->body;
}

// A log that has fewer entries than a receipt of it says so itself: it refuses to lead from there.
Status ask_log(Evidence& evidence, std::string url) {
  while (url.ends_with('/')) url.pop_back();
  net::HttpClient client;
  const auto newest = PublishedHead::parse(TRY(fetch(client, url + "/head")));
  if (!newest) return fail(newest.error().code, "{}/head is no head: {}", url, newest.error().message);
  for (const std::uint64_t size : sizes_to_ask(evidence)) {
    if (size > newest->head.size) {
      evidence.growths[size] = {size, newest->head, newest->key, {}};  // leads nowhere, and will be told so
      continue;
    }
    auto growth = Growth::parse(TRY(fetch(client, fmt::format("{}/growth?from={}", url, size))));
    if (!growth) return fail(growth.error().code, "{}/growth is none: {}", url, growth.error().message);
    evidence.growths[size] = *std::move(growth);
  }
  return {};
}

Result<Evidence> gather(const Words& words) {
  Evidence out;
  for (const std::string& name : words.plain) out.files.push_back({name, TRY(base::read_file(name))});
  if (const auto key = words.said.find("key"); key != words.said.end()) {
    auto read = trust::signing_key_from_pem(TRY(base::read_file(key->second)));
    if (!read) return fail(read.error().code, "{}: {}", key->second, read.error().message);
    out.key = *std::move(read);
  }
  const auto log = words.said.find("log");
  if (log == words.said.end()) return out;
  const std::string& where = log->second;
  if (where.starts_with("http://") || where.starts_with("https://")) TRY(ask_log(out, where));
  else out.log = TRY(base::read_file(std::filesystem::is_directory(where) ? where + "/log.jsonl" : where));
  return out;
}

std::string_view mark_of(Holds holds, bool chinese) {
  switch (holds) {
    case Holds::proved: return chinese ? "成立  " : "holds       ";
    case Holds::contradicted: return chinese ? "不成立" : "DOES NOT    ";
    case Holds::not_checked: break;
  }
  return chinese ? "未核对" : "not checked ";
}

}  // namespace

Status verify_command(const std::vector<std::string>& given) {
  const Words words = TRY(read_words(given, {"log", "key", "lang"}, kVerifyUsage));
  const bool chinese = TRY(in_chinese(words));
  const Verdict verdict = judge(TRY(gather(words)));
  for (const Statement& one : verdict.statements)
    fmt::print("{} {}\n", mark_of(one.holds, chinese), chinese ? one.text.zh : one.text.en);
  if (verdict.contradicted())
    return fail(Errc::corrupt, "{}", chinese ? "有内容不成立，见上" : "something does not hold, as told above");
  if (!verdict.proved())
    return fail(
        Errc::invalid, "{}",
        chinese ? "没有可以证明任何事的回执或树头" : "there is no receipt and no head here that proves anything");
  return {};
}

Status key_command(const std::vector<std::string>& given) {
  const Words words = TRY(read_words(given, {"role"}, kKeyUsage));
  const auto role = words.said.find("role");
  if (role == words.said.end() || !is_log_word(role->second) || words.plain.size() != 1)
    return fail(Errc::invalid, "{}", kKeyUsage);
  const std::string& file = words.plain[0];
  if (std::filesystem::exists(file)) return fail(Errc::exists, "{} is there already, and is not written over", file);
  std::string passphrase;
  std::getline(std::cin, passphrase);
  const auto pair = trust::SealingPair::make();
  TRY(base::write_file_atomic(file, TRY(wrap_key(role->second, pair, passphrase))));
  fmt::print("{}\n", base::to_hex(pair.public_key()));
  return {};
}

}  // namespace cityloop::awards
