#include "domain/awards/entry/file_check.h"

#include <zip.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>

#include "base/json_value.h"
#include "domain/awards/entry/program.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;

constexpr std::string_view kCompound{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8};
constexpr zip_int64_t kEntriesMax = 20'000;
constexpr std::size_t kPartMax = 256 << 10;

struct ZipEnd {
  void operator()(zip_t* one) const { zip_discard(one); }
};
using Zip = std::unique_ptr<zip_t, ZipEnd>;

// One small part of it; never more than kPartMax, whatever the file says of its size.
std::string part_of(zip_t* zip, const char* name) {
  zip_file_t* const file = zip_fopen(zip, name, 0);
  if (!file) return {};
  std::string out(kPartMax, '\0');
  const zip_int64_t got = zip_fread(file, out.data(), out.size());
  zip_fclose(file);
  out.resize(got > 0 ? std::size_t(got) : 0);
  return out;
}

bool acts(std::string_view name) {
  return name.find("vbaProject") != name.npos || name.starts_with("Basic/") || name.starts_with("Scripts/") ||
         name.find("/embeddings/oleObject") != name.npos || name.find("/activeX/") != name.npos;
}

bool any_encrypted(zip_t* zip) {
  for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0); ++i) {
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(zip, zip_uint64_t(i), 0, &about) == 0 && (about.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
        about.encryption_method != ZIP_EM_NONE)
      return true;
  }
  return false;
}

Checked office_of(zip_t* zip) {
  const std::string types = part_of(zip, "[Content_Types].xml"), media = part_of(zip, "mimetype");
  const auto says = [](const std::string& text, std::string_view word) { return text.find(word) != text.npos; };
  if (says(types, "macroEnabled"))
    return refused("macro", "文件含有宏，请另存为不含宏的文件", "it has macros: save it without them");
  Checked out;
  if (says(types, "wordprocessingml.document.main+xml")) {
    out.facts = {.media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                 .extension = ".docx"};
  } else if (media == "application/vnd.oasis.opendocument.text") {
    out.facts = {.media_type = media, .extension = ".odt"};
  } else {
    return refused("not_office", "这不是 docx 或 odt 文件", "it is neither docx nor odt");
  }
  if (says(part_of(zip, "META-INF/manifest.xml"), "encryption-data") || any_encrypted(zip))
    return refused("encrypted", "文件已加密，请去除密码后上传", "it is encrypted: remove the password");
  const char* const body = out.facts.extension == ".docx" ? "word/document.xml" : "content.xml";
  if (part_of(zip, body).empty()) return refused("broken", "文件已损坏，缺少正文", "it is broken: its text is missing");
  return out;
}

double number_of(const JsonValue& at, std::string_view key) {
  const JsonValue* const value = at.find(key);
  if (!value) return 0;
  if (value->number()) return *value->number();
  return value->text() ? std::strtod(value->text()->c_str(), nullptr) : 0;
}

// As films tell their languages: ISO 639-2, in either of its forms.
std::string language_of(const JsonValue& stream) {
  const JsonValue* const tags = stream.find("tags");
  std::string said = tags ? tags->text_or("language", "") : "";
  if (said == "zho" || said == "chi" || said == "zh" || said == "cmn") return "zh";
  if (said == "eng" || said == "en") return "en";
  return said;
}

Checked judge_film(const FileFacts& facts, const VideoRule& rule) {
  if (facts.seconds > rule.seconds_max)
    return refused("too_long", fmt::format("时长 {:.1f} 秒，最多 {:.0f} 秒", facts.seconds, rule.seconds_max),
                   fmt::format("it lasts {:.1f} s, {:.0f} s at most are allowed", facts.seconds, rule.seconds_max));
  if (facts.width != rule.width || facts.height != rule.height)
    return refused(
        "wrong_size", fmt::format("画面为 {}×{}，应为 {}×{}", facts.width, facts.height, rule.width, rule.height),
        fmt::format("its picture is {}×{}, it must be {}×{}", facts.width, facts.height, rule.width, rule.height));
  for (const std::string& wanted : rule.subtitles)
    if (std::ranges::find(facts.subtitles, wanted) == facts.subtitles.end())
      return refused("no_subtitles", fmt::format("缺少{}字幕轨", wanted == "zh" ? "中文" : "英文"),
                     fmt::format("it has no track of {} subtitles", wanted == "zh" ? "Chinese" : "English"));
  return {facts, {}};
}

Checked film_of(const JsonValue& told, const VideoRule& rule) {
  const JsonValue* const format = told.find("format");
  const JsonValue* const streams = told.find("streams");
  if (!format || !streams || !streams->array()) return refused("broken", "无法读取视频", "it cannot be read as a film");
  if (format->text_or("format_name", "").find("mp4") == std::string::npos)
    return refused("not_mp4", "视频应为 mp4 格式", "it must be an mp4");
  FileFacts facts{.media_type = "video/mp4", .extension = ".mp4"};
  facts.seconds = number_of(*format, "duration");
  unsigned films = 0;
  bool square = true;
  for (const JsonValue& stream : *streams->array()) {
    const std::string kind = stream.text_or("codec_type", "");
    if (kind == "subtitle") facts.subtitles.push_back(language_of(stream));
    if (kind != "video") continue;
    ++films;
    facts.width = unsigned(number_of(stream, "width"));
    facts.height = unsigned(number_of(stream, "height"));
    const std::string pixels = stream.text_or("sample_aspect_ratio", "1:1");
    square = pixels == "1:1" || pixels == "0:1";
    facts.seconds = std::max(facts.seconds, number_of(stream, "duration"));
  }
  if (films != 1 || !(facts.seconds > 0)) return refused("broken", "文件中没有可播放的画面", "there is no film in it");
  if (!square) return refused("wrong_size", "像素宽高比应为 1:1", "its pixels must be square");
  return judge_film(facts, rule);
}

}  // namespace

Checked refused(std::string code, std::string zh, std::string en) {
  return {{}, {std::move(code), {std::move(zh), std::move(en)}}};
}

Result<std::string> head_of(const std::string& path, std::size_t bytes) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Errc::unavailable, "{} cannot be read", path);
  std::string out(bytes, '\0');
  in.read(out.data(), std::streamsize(bytes));
  out.resize(std::size_t(in.gcount()));
  return out;
}

Result<Checked> check_office(const std::string& path) {
  const std::string head = TRY(head_of(path, 8));
  if (head.starts_with(kCompound))
    return refused("encrypted", "文件已加密，或为旧版 doc；请存为未加密的 docx 或 odt",
                   "it is encrypted, or an old doc: save it as docx or odt without a password");
  int code = 0;
  const Zip zip(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!zip) {
    if (head.starts_with("PK")) return refused("broken", "文件已损坏，无法读取", "it is broken and cannot be read");
    return refused("not_office", "这不是 docx 或 odt 文件", "it is neither docx nor odt");
  }
  const zip_int64_t entries = zip_get_num_entries(zip.get(), 0);
  if (entries > kEntriesMax)
    return refused("too_complex", "文件结构过于复杂", "its structure is too large to be checked");
  for (zip_int64_t i = 0; i < entries; ++i) {
    const char* const name = zip_get_name(zip.get(), zip_uint64_t(i), 0);
    if (name && acts(name))
      return refused("macro", "文件含有宏或可执行的内嵌对象", "it has macros, or objects inside that can be run");
  }
  return office_of(zip.get());
}

Result<Checked> check_video(const std::string& path, const VideoRule& rule) {
  const std::string head = TRY(head_of(path, 12));
  if (head.size() < 12 || head.substr(4, 4) != "ftyp")
    return refused("not_mp4", "视频应为 mp4 格式", "it must be an mp4");
  const ProgramOutcome told = TRY(run_program({"ffprobe", "-v", "error", "-protocol_whitelist", "file", "-f", "mp4",
                                               "-print_format", "json", "-show_format", "-show_streams", "-i", path}));
  if (told.timed_out || told.too_much || told.status >= 128)
    return refused("too_complex", "视频无法在限定时间内读取", "it cannot be read within the time allowed");
  const auto json = JsonValue::parse(told.out);
  if (told.status != 0 || !json) return refused("broken", "视频已损坏，无法读取", "it is broken and cannot be read");
  return film_of(*json, rule);
}

Result<Checked> check_image(const std::string& path) {
  const std::string head = TRY(head_of(path, 16));
  Checked out;
  if (head.starts_with("\x89PNG\r\n\x1a\n")) out.facts = {.media_type = "image/png", .extension = ".png"};
  else if (head.starts_with("\xff\xd8\xff")) out.facts = {.media_type = "image/jpeg", .extension = ".jpg"};
  else return refused("not_image", "应为 PNG 或 JPEG 图片", "it must be a PNG or a JPEG");
  return out;
}

Result<Checked> check_file(const std::string& path, const FileSlot& slot, const VideoRule& video) {
  switch (slot.kind) {
    case FileKind::pdf: return check_pdf(path, slot.pages_max);
    case FileKind::office: return check_office(path);
    case FileKind::video: return check_video(path, video);
    case FileKind::image: return check_image(path);
  }
  return refused("unknown", "", "");
}

}  // namespace cityloop::awards
