/** What the page does by itself: it renews itself, and arrow keys move over the maps. */

/**
 * Fetches the page every ten seconds and puts in place what has changed: the place on the page, what is unfolded and what
 * has the focus stay. A page that is old says so: nobody should take a verdict for today's that is not. Nothing is
 * evaluated, and nothing leaves the page.
 */
export const SCRIPT = `
"use strict";
const EVERY=10000;
let lost=0;
const fieldsOf=root=>[...root.querySelectorAll("td[aria-label]")];
function renew(fresh,title){
document.title=title;
for(const open of document.querySelectorAll("details[open]")){const same=open.id&&fresh.querySelector("#"+open.id);if(same)same.open=true}
const main=document.querySelector("main");
const focused=fieldsOf(main).indexOf(document.activeElement);
const scrolled=[...main.querySelectorAll(".map")].map(map=>map.scrollLeft);
const [now,then]=[[...fresh.children],[...main.children]];
if(now.length===then.length)now.forEach((part,index)=>part.isEqualNode(then[index])||then[index].replaceWith(part));
else main.replaceChildren(...now);
main.dataset.made=fresh.dataset.made;
main.querySelectorAll(".map").forEach((map,index)=>map.scrollLeft=scrolled[index]??map.scrollWidth);
if(focused>=0)fieldsOf(main)[focused]?.focus({preventScroll:true});
}
async function look(){
try{
const answer=await fetch(location.origin+location.pathname+location.search,{cache:"no-store",signal:AbortSignal.timeout(EVERY)});
if(!answer.ok)throw 0;
const page=new DOMParser().parseFromString(await answer.text(),"text/html");
const fresh=page.querySelector("main");
if(!fresh)throw 0;
lost=0;
renew(fresh,page.title);
}catch{
if(++lost<2)return;
document.title="NO ANSWER \\u00b7 ch-sync";
const verdict=document.querySelector(".verdict");
verdict.className="verdict lost";
verdict.querySelector("h1").textContent="No answer from ch-sync: what is below is of "+document.querySelector("main").dataset.made;
}
}
(async function go(){await new Promise(done=>setTimeout(done,EVERY));await look();go()})();
document.addEventListener("visibilitychange",()=>document.hidden||look());
document.addEventListener("keydown",event=>{
const field=document.activeElement?.closest("td[aria-label]");
if(!field)return;
if(event.key==="Escape")return field.blur();
const row=field.parentElement;
const near=(one,side)=>{do one=one?.[side];while(one&&!one.matches("td[aria-label]"));return one};
const over=side=>{
const at=field.getBoundingClientRect().left;
for(let other=row[side];other;other=other[side]){
const found=fieldsOf(other).filter(one=>one.getBoundingClientRect().left<=at+1).at(-1)??fieldsOf(other)[0];
if(found)return found}
};
const to={ArrowLeft:()=>near(field,"previousElementSibling"),ArrowRight:()=>near(field,"nextElementSibling"),
ArrowUp:()=>over("previousElementSibling"),ArrowDown:()=>over("nextElementSibling")}[event.key];
if(!to)return;
event.preventDefault();
to()?.focus();
});
document.querySelectorAll(".map").forEach(map=>map.scrollLeft=map.scrollWidth);
`.trim();
