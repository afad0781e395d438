// A PDF of the server's, page below page, drawn where it is looked at: the browser's own viewer would need the file to be
// shown by its address, and such files are only ever given to be saved.
//
//   address ─▶ bytes ─▶ pdf.js (a worker) ─▶ a canvas for each page in sight
import { MinusOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import type { PDFDocumentProxy, RenderTask } from 'pdfjs-dist';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getFile } from '../api/http';
import { Failed, Loading } from './states';

// What Chinese and other PDFs refer to without having it in them.
const files = import.meta.glob<string>(
  ['../../node_modules/pdfjs-dist/cmaps/*.bcmap', '../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}'],
  { query: '?url&no-inline', import: 'default', eager: true },
);

async function bytesOf(name: string): Promise<Uint8Array> {
  const found = Object.keys(files).find((path) => path.endsWith(`/${name}`));
  if (!found) throw new Error(`no ${name}`);
  const answer = await fetch(files[found] ?? '');
  if (!answer.ok) throw new Error(`${name}: HTTP ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

class Reader {
  fetch({ filename }: { filename: string }) {
    return bytesOf(filename);
  }
}

async function openPdf(address: string): Promise<PDFDocumentProxy> {
  const [pdf, { default: worker }, file] = await Promise.all([
    import('pdfjs-dist/legacy/build/pdf.mjs'),
    import('pdfjs-dist/legacy/build/pdf.worker.mjs?url'),
    getFile(address),
  ]);
  pdf.GlobalWorkerOptions.workerSrc = worker;
  return pdf.getDocument({
    data: await file.arrayBuffer(),
    isEvalSupported: false,
    useWasm: false,
    useWorkerFetch: false,
    cMapUrl: 'cmaps/',
    standardFontDataUrl: 'fonts/',
    BinaryDataFactory: Reader,
  }).promise;
}

function PdfPage({ file, number, width }: { file: PDFDocumentProxy; number: number; width: number }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [seen, see] = useState(false);
  const [shape, setShape] = useState(Math.SQRT2);
  useEffect(() => {
    const watch = new IntersectionObserver((all) => see(all.some((each) => each.isIntersecting)), {
      rootMargin: '600px',
    });
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const at = box.current;
    if (!seen || !at || width === 0) return;
    let task: RenderTask | undefined;
    let gone = false;
    void (async () => {
      const page = await file.getPage(number);
      const plain = page.getViewport({ scale: 1 });
      if (gone) return;
      setShape(plain.height / plain.width);
      const sharp = Math.min(window.devicePixelRatio || 1, 2);
      const viewport = page.getViewport({ scale: (width / plain.width) * sharp });
      const canvas = document.createElement('canvas');
      canvas.width = Math.floor(viewport.width);
      canvas.height = Math.floor(viewport.height);
      task = page.render({ canvas, viewport });
      await task.promise;
      if (!gone) at.replaceChildren(canvas);
    })().catch(() => undefined); // given up, because the page went out of sight
    return () => {
      gone = true;
      task?.cancel();
    };
  }, [file, number, seen, width]);
  return (
    <div
      ref={box}
      className="pdf-page"
      role="img"
      aria-label={t('pdf.page', { n: number, of: file.numPages })}
      style={{ width, height: width * shape }}
    />
  );
}

export function PdfView({ address, label, page: wanted }: { address: string; label: string; page?: number }) {
  const { t } = useTranslation();
  const [file, setFile] = useState<PDFDocumentProxy>();
  const [error, setError] = useState<unknown>();
  const [room, setRoom] = useState(0);
  const [zoom, setZoom] = useState(1);
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    let gone = false;
    let opened: PDFDocumentProxy | undefined;
    setFile(undefined);
    setError(undefined);
    openPdf(address).then(
      (made) => {
        opened = made;
        if (gone) void made.loadingTask.destroy();
        else setFile(made);
      },
      (problem) => !gone && setError(problem),
    );
    return () => {
      gone = true;
      void opened?.loadingTask.destroy();
    };
  }, [address]);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => entry && setRoom(Math.floor(entry.contentRect.width)));
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (file && wanted) box.current?.querySelectorAll('.pdf-page')[wanted - 1]?.scrollIntoView({ block: 'start' });
  }, [file, wanted]);
  const width = Math.floor(Math.max(0, room - 2) * zoom);
  return (
    <div className="pdf-view" data-pages={file?.numPages}>
      <div className="pdf-tools">
        <span className="num muted">{file ? t('pdf.pages', { n: file.numPages }) : ''}</span>
        <Button
          size="small"
          icon={<MinusOutlined />}
          aria-label={t('pdf.smaller')}
          disabled={zoom <= 0.5}
          onClick={() => setZoom(zoom - 0.25)}
        />
        <span className="num">{Math.round(zoom * 100)} %</span>
        <Button
          size="small"
          icon={<PlusOutlined />}
          aria-label={t('pdf.larger')}
          disabled={zoom >= 3}
          onClick={() => setZoom(zoom + 0.25)}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={box} className="pdf-pages" aria-label={label} tabIndex={0}>
        {error !== undefined && <Failed error={error} />}
        {!file && error === undefined && <Loading rows={10} />}
        {file &&
          Array.from({ length: file.numPages }, (_, i) => <PdfPage key={i} file={file} number={i + 1} width={width} />)}
      </section>
    </div>
  );
}
