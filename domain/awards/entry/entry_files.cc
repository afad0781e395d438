// The files of a proposal: how they come in, part by part, and what becomes of them.
#include <algorithm>

#include "base/refusal.h"
#include "domain/awards/entry/entry_desk.h"
#include "domain/awards/entry/file_check.h"
#include "sense/clean_text.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::refuse;
using base::Result;
using base::Status;

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

Result<FileSlot> EntryDesk::slot_for(const Proposal& one, std::string_view slot, Instant now) {
  const Cycle& in = *cycle(one.cycle);
  const std::string_view round = round_of(one.stage);
  if (round.empty()) return refuse(Errc::conflict, "现阶段不接收文件", "no files are taken at its present stage");
  if (round == "submission") TRY(check_window(in, now));
  const bool window = round != "questions" || one.stage == "asked" || in.open("questions", now);
  if (!window || (round == "materials" && !in.open("materials", now)))
    return refuse(Errc::conflict, "现在不接收文件：不在受理时间内", "no files are taken now: their window is not open");
  auto known = slot_of(in, round, slot);
  if (!known) return refuse(Errc::invalid, "现在没有可放“{}”的文件位", "there is no place '{}' for a file now", slot);
  return *std::move(known);
}

Result<Upload> EntryDesk::begin_upload(const Applicant& who, std::string_view proposal, const NewUpload& wish,
                                       Instant now) {
  const Proposal one = TRY(own(who, proposal));
  const FileSlot slot = TRY(slot_for(one, wish.slot, now));
  if (wish.bytes == 0) return refuse(Errc::invalid, "文件为空", "the file is empty");
  if (wish.bytes > slot.bytes_max)
    return refuse(Errc::invalid, "文件为 {} 字节，此处最多 {} 字节",
                  "the file has {} bytes, {} at most are allowed here", wish.bytes, slot.bytes_max);
  if (!wish.sha256.empty() && !is_sha256(wish.sha256))
    return refuse(Errc::invalid, "“sha256”为 64 位十六进制数", "'sha256' is 64 hexadecimal digits");
  Upload out;
  out.name = TRY(sense::checked_text("name", wish.name, {200, true}));
  if (out.name.empty()) return refuse(Errc::invalid, "文件须有名称", "a file has a name");
  std::uint64_t sum = wish.bytes, coming = 0;
  const auto files = TRY(book_.files(one.id));
  for (const StoredFile& file : files) sum += file.bytes;
  const auto open = TRY(book_.uploads(one.id));
  for (const Upload& other : open) sum += other.bytes;
  if (open.size() >= kUploadsMax)
    return refuse(Errc::conflict, "已有 {} 个文件正在上传", "{} files are on their way already", open.size());
  if (sum > kProposalBytesMax)
    return refuse(Errc::invalid, "一项申报的文件合计最多 {} 字节",
                  "the files of a proposal have {} bytes at most together", kProposalBytesMax);
  const auto same = [&](const auto& other) { return other.slot == slot.id; };
  if (std::ranges::count_if(files, same) + std::ranges::count_if(open, same) >= std::ptrdiff_t(slot.most))
    return refuse(Errc::conflict, "此处已有 {} 个文件，最多 {} 个：请先移除一个",
                  "there are {} files here already, {} at most: remove one first", slot.most, slot.most);
  for (const Upload& other : TRY(book_.uploads(""))) coming += other.bytes - vault_.received(other.id).value_or(0);
  out.id = make_id();
  out.proposal = one.id;
  out.slot = slot.id;
  out.round = round_of(one.stage);
  out.sha256 = wish.sha256;
  out.bytes = wish.bytes;
  out.at = now;
  TRY(vault_.begin(out.id, out.bytes, coming));
  if (const Status put = book_.put_upload(out); !put) return vault_.drop_upload(out.id), std::unexpected(put.error());
  return out;
}

Result<Upload> EntryDesk::own_upload(const Applicant& who, std::string_view id) {
  auto found = TRY(book_.upload(id));
  if (!found || !own(who, found->proposal)) return refuse(Errc::not_found, "没有这次上传", "there is no such upload");
  return *std::move(found);
}

Result<std::uint64_t> EntryDesk::take_part(const Applicant& who, std::string_view upload, std::uint64_t offset,
                                           std::string_view part) {
  const Upload one = TRY(own_upload(who, upload));
  if (part.size() > kPartMax)
    return refuse(Errc::invalid, "每一段最多 {} 字节", "a part has {} bytes at most", kPartMax);
  if (offset > one.bytes || part.size() > one.bytes - offset)
    return refuse(Errc::invalid, "文件应为 {} 字节，上传内容超出", "the file was to have {} bytes; these would be more",
                  one.bytes);
  return vault_.take(one.id, offset, part);
}

Result<TakenFile> EntryDesk::finish_upload(const Applicant& who, std::string_view upload, Instant now) {
  const Upload one = TRY(own_upload(who, upload));
  const Proposal of = TRY(own(who, one.proposal));
  const std::uint64_t have = TRY(vault_.received(one.id));
  if (have < one.bytes)
    return refuse(Errc::conflict, "共 {1} 字节，已收到 {0} 字节", "{} of {} bytes are there", have, one.bytes);
  const FileSlot slot = TRY(slot_for(of, one.slot, now));
  const std::string sha256 = TRY(vault_.seal(one.id));
  const auto forget = [&] {
    vault_.drop_upload(one.id);
    return book_.drop_upload(one.id);
  };
  if (!one.sha256.empty() && one.sha256 != sha256) {
    TRY(forget());
    return TakenFile{
        {}, refused("altered", "文件在传输中改变，请重新上传", "it changed on its way: send it again").refusal};
  }
  const Checked seen = TRY(check_file(vault_.upload_path(one.id), slot, cycle(of.cycle)->video.value_or(VideoRule{})));
  if (!seen.fits()) {
    TRY(forget());
    return TakenFile{{}, seen.refusal};
  }
  const StoredFile file{one.id, of.id,     one.slot,         one.round,          one.name, seen.facts.media_type,
                        sha256, one.bytes, seen.facts.pages, seen.facts.seconds, now};
  TRY(vault_.keep(one.id));
  TRY(book_.put_file(file));
  TRY(book_.drop_upload(one.id));
  return TakenFile{file, {}};
}

Status EntryDesk::drop_upload(const Applicant& who, std::string_view upload) {
  const Upload one = TRY(own_upload(who, upload));
  vault_.drop_upload(one.id);
  return book_.drop_upload(one.id);
}

// What a received version names stays on disk: it is part of what was submitted.
Status EntryDesk::drop_file(const Applicant& who, std::string_view proposal, std::string_view file) {
  const Proposal of = TRY(own(who, proposal));
  const auto one = TRY(book_.file(file));
  if (!one || one->proposal != of.id) return refuse(Errc::not_found, "没有这个文件", "there is no such file");
  const std::string_view round = round_of(of.stage);
  const bool changeable = round == one->round || (round == "questions" && one->round == "submission");
  if (round.empty() || !changeable)
    return refuse(Errc::conflict, "现阶段不能移除文件", "files cannot be removed at its present stage");
  for (const Submission& version : TRY(book_.submissions(of.id)))
    if (version.text.find(one->sha256) != std::string::npos) return book_.retire_file(one->id);
  TRY(book_.drop_file(one->id));
  vault_.drop(one->id);
  return {};
}

}  // namespace cityloop::awards
