// A photo as it is sent: upright, at most so many pixels wide or high, without what the camera wrote into it (where and
// with what it was taken). A phone's 8 MB become some 300 KB.
const sideMax = 1920;
const quality = 0.82;

export async function shrinkPhoto(file: Blob): Promise<Blob> {
  const image = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, sideMax / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('the picture cannot be read'))), 'image/jpeg', quality);
  });
}
